#!/usr/bin/env bash
# usage: maven_setup.sh NAME GROUP:ARTIFACT:VERSION...
# Fetches these jars and what they need at run time from Maven Central into
# ${XDG_CACHE_HOME:-~/.cache}/lockstep/NAME, once; prints that folder. Fails,
# saying why on stderr, where there is no Java 17, no Maven, or a jar cannot be
# had.
set -eu
dir=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/$1
shift
for tool in java mvn; do
	command -v $tool >/dev/null || {
		echo "no $tool here (apt-get install openjdk-17-jre-headless maven)" >&2
		exit 1
	}
done
mkdir -p "$dir"
exec 9>"$dir/lock"
flock 9
if [ ! -e "$dir/ready" ]; then
	{
		echo '<project xmlns="http://maven.apache.org/POM/4.0.0">'
		echo '<modelVersion>4.0.0</modelVersion><groupId>lockstep</groupId>'
		echo '<artifactId>jars</artifactId><version>1</version><dependencies>'
		for jar; do
			IFS=: read -r group artifact version <<<"$jar"
			echo "<dependency><groupId>$group</groupId><artifactId>$artifact" \
				"</artifactId><version>$version</version></dependency>" | tr -d ' '
		done
		echo '</dependencies></project>'
	} >"$dir/pom.xml"
	rm -rf "$dir/jars"
	mvn -q -B -f "$dir/pom.xml" dependency:copy-dependencies \
		-DincludeScope=runtime -DoutputDirectory="$dir/jars" >"$dir/mvn.log" 2>&1 || {
		grep -m 1 -E 'ERROR' "$dir/mvn.log" >&2 || tail -1 "$dir/mvn.log" >&2
		exit 1
	}
	touch "$dir/ready"
fi
echo "$dir/jars"
