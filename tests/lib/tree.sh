# A copy of the tree to be changed, for the scripts that build one. Sourced after
# tap.sh.
case $BUILD in *san) skip_all 'needs objects without a sanitizer' ;; esac
[ -d "$BUILD/harness" ] || skip_all "no objects in $BUILD"

# copy_tree: to $copy, with its objects as old as they are
copy=$T/tree
copy_tree() {
	mkdir "$copy"
	tar -cf - --exclude=./build --exclude=./build-\* --exclude=./.git \
		--exclude=.lockstep . | tar -xf - -C "$copy"
	mkdir -p "$copy/build"
	cp -a "$BUILD"/{harness,replay,reports} "$BUILD"/*.a "$BUILD"/*.h \
		"$BUILD"/lockstep "$copy/build/"
	[ ! -d "$BUILD/fixtures" ] || cp -a "$BUILD/fixtures" "$copy/build/"
}
