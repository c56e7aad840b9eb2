# A Kafka broker of one node in KRaft mode, for test scripts: sourced behind
# tap.sh.
#
#	kafka_setup		skips the script where there is no Java or Kafka
#	kafka_start		the broker at $kafka, which is kept over restarts
#	kafka_kill		kill -9

# ThreadSanitizer does not know the threads of librdkafka without help, and sees
# no lock that the library makes of atomics.
kafka_tsan() {
	ldd "$BUILD/lockstep" | grep -q libtsan || return 0
	cc -shared -fPIC -o "$T/c11.so" tests/lib/tsan_c11.c || exit 1
	echo 'race:librdkafka' >"$T/tsan.supp"
	export TSAN_OPTIONS="suppressions=$T/tsan.supp ${TSAN_OPTIONS:-}"
	sed -i "2i export LD_PRELOAD=$T/c11.so" "$T/lockstep"
}

kafka_setup() {
	kafka_tsan
	local jars
	jars=$(tests/lib/maven_setup.sh kafka-broker \
		org.apache.kafka:kafka_2.13:4.4.0 2>"$T/why") ||
		skip_all "Kafka: $(tail -1 "$T/why")"
	kafka_jars=$jars
	kafka_port=$(free_port)
	controller=$kafka_port
	while [ "$controller" = "$kafka_port" ]; do controller=$(free_port); done
	kafka=127.0.0.1:$kafka_port
	mkdir -p "$T/kafka"
	# as its own tool for it would, which is another JVM
	cat >"$T/kafka/meta.properties" <<-CONF
		version=1
		cluster.id=lockstepAAAAAAAAAAAAAA
		node.id=1
		directory.id=lockstepBBBBBBBBBBBBBB
	CONF
	cat >"$T/kafka.properties" <<-CONF
		process.roles=broker,controller
		node.id=1
		controller.quorum.voters=1@127.0.0.1:$controller
		listeners=PLAINTEXT://$kafka,CONTROLLER://127.0.0.1:$controller
		controller.listener.names=CONTROLLER
		log.dirs=$T/kafka
		num.partitions=3
		num.network.threads=1
		num.io.threads=2
		background.threads=2
		log.cleaner.enable=false
		offsets.topic.num.partitions=1
		offsets.topic.replication.factor=1
		transaction.state.log.num.partitions=1
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		share.coordinator.state.topic.num.partitions=1
		share.coordinator.state.topic.replication.factor=1
		group.initial.rebalance.delay.ms=0
		group.min.session.timeout.ms=500
		broker.session.timeout.ms=3000
		broker.heartbeat.interval.ms=200
	CONF
}

kafka_start() {
	java -Xmx160m -Xss256k -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
		-Xshare:auto -cp "$kafka_jars/*" kafka.Kafka \
		"$T/kafka.properties" >>"$T/kafka.log" 2>&1 &
	kafka_pid=$!
	tap_pids+=($kafka_pid)
	await 120 bash -c "exec 3<>/dev/tcp/127.0.0.1/$kafka_port" || {
		echo "Bail out! Kafka did not come up: $(tail -3 "$T/kafka.log")"
		exit 1
	}
}

kafka_kill() {
	kill -9 "$kafka_pid"
	wait "$kafka_pid" 2>/dev/null
}
