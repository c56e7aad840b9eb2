#!/usr/bin/env bash
# record --out kafka://… and import kafka with a real broker, which is killed
# and started again while something is recorded and while it is imported: the
# account is what a reader finds, nothing is there twice, traffic never waits.
. tests/lib/tap.sh
. tests/lib/kafka.sh
py=$(tests/lib/pypi_setup.sh kafka 'kafka, zstandard' kafka-python==2.2.15 \
	zstandard==0.25.0 2>"$T/why") ||
	skip_all "kafka-python: $(tail -1 "$T/why")"
kafka_setup
client() { "$py" tests/lib/kafka_client.py "$@"; }
ids() { "$lockstep" trace cat "$1" | jq -r 'select(.id) | .request.target' | sort; }
import=(import kafka --brokers "$kafka" --group g --kafka-set session.timeout.ms=3000)

# ---- nobody there ---------------------------------------------------------------
status 2 'no broker' "$lockstep" "${import[@]}" --topic t --out "$T/n.zst"
like "$(cat "$T/err")" "no broker of $kafka answers: .*Connection refused" 'says so'
ok 'and leaves nothing behind' [ ! -e "$T/n.zst" ]

serve stub perl tests/lib/stub.pl
stub=$url
KAFKA_PASSWORD=hush-secret serve rec "$lockstep" record --upstream "$stub" \
	--out "kafka://$kafka/t" --status 127.0.0.1:0 --redact email \
	--kafka-set 'ssl.key.password=${KAFKA_PASSWORD}'
rec=$pid
metrics=$(grep -o 'http://[0-9.:]*/metrics' "$T/rec.out")
ok 'it is not ready' await 120 bash -c \
	"curl -s ${metrics%metrics}readyz | grep -q 'Kafka: .*Connection refused'"
ok 'and passes traffic on' client ask "$url" 0 100 "$T/asked"

# ---- a broker that comes, is killed, comes again ---------------------------------
kafka_start
ok 'the broker comes, and it is ready' await 120 curl -sf "${metrics%metrics}readyz"
ok 'what was seen before is sent' await 120 bash -c \
	"curl -s $metrics | grep -q 'state=\"written\"} 100\$'"
client ask "$url" 100 700 "$T/asked" &
asking=$!
ok 'traffic is under way' await 120 bash -c "[ \$(cat '$T/asked') -ge 200 ]"
kafka_kill
ok 'all of it is answered while the broker is away' wait $asking
kafka_start
client ask "$url" 800 100 "$T/asked"
kill -INT $rec
wait $rec
is $? 0 'the end'
like "$(cat "$T/rec.err")" \
	"^kafka://$kafka/t: seen 900 = written 900 \+ dropped 0\$" \
	'all of it is in the topic'
client consume "$kafka" t >"$T/messages"
is "$(cut -f 3 "$T/messages" | jq -r .request.target | sort -u | wc -l)" 900 \
	'another client finds each'
is "$(wc -l <"$T/messages")" 900 'once'
is "$(cut -f 1 "$T/messages")" "$(cut -f 3 "$T/messages" | jq -r .id)" \
	'its id is the key'
client unpack "$T"/kafka/t-*/*.log >"$T/unpacked"
is "$(grep -ac 'Number 899?' "$T/unpacked")" 1 "the broker's files, unpacked"
is "$(cat "$T/messages" "$T"/rec.* "$T/unpacked" | grep -ac hush)" 0 \
	'hold no secret, no mail address'

# ---- read, with the reader and the broker killed on the way ------------------------
follow() { # N: an import that has N exchanges
	"$lockstep" "${import[@]}" --topic t --out "$T/t.zst" --follow \
		>"$T/i.out" 2>&1 &
	reader=$!
	ok "an import has $1" await 120 bash -c "sleep .3; [ \$('$lockstep' trace cat \
		'$T/t.zst' 2>/dev/null | grep -c '\"kafka\":\[') -ge $1 ]"
}
follow 100
kill -9 $reader
wait $reader 2>/dev/null
head -c 60 "$T/t.zst" >"$T/torn"	# a frame that the disk got a part of
cat "$T/torn" >>"$T/t.zst"
follow 900
kafka_kill
serve rec "$lockstep" record --upstream "$stub" --out "kafka://$kafka/t"
rec=$pid
ok 'more, while the broker is away' client ask "$url" 900 300 "$T/asked"
kafka_start
kill -INT $rec
wait $rec
like "$(cat "$T/rec.err")" 'seen 300 = written 300 ' 'is sent at the end'
ok 'and read' await 120 bash -c "sleep .3; [ \$('$lockstep' trace cat '$T/t.zst' 2>&1 |
	grep -c '\"kafka\":\[') -ge 1200 ]"
kill -INT $reader
wait $reader
is $? 0 'the reader ends'
is "$(ids "$T/t.zst" | uniq | wc -l) $(ids "$T/t.zst" | wc -l)" '1200 1200' \
	'with all of it, each once'
like "$("$lockstep" trace cat "$T/t.zst" | head -1)" \
	'"session.timeout.ms=REDACTED"' 'no value of a setting is in its head'
status 0 'the trace is whole' "$lockstep" trace verify "$T/t.zst"
status 0 'again, there is nothing more' "$lockstep" "${import[@]}" --topic t \
	--out "$T/t.zst"
like "$(cat "$T/out")" ': 0 exchanges of 0 records' 'and says so'

# ---- in parts -------------------------------------------------------------------------
mkdir "$T/parts"
parts() { # OPTION...: an import of t that goes on
	"$lockstep" import kafka --brokers "$kafka" --group parts --topic t --follow \
		--kafka-set session.timeout.ms=3000 --out "$T/parts/t.jsonl.zst" \
		--rotate-age 100ms "$@" >"$T/p.out" 2>"$T/p.err" &
	reader=$!
}
parts
ok 'a part ends though nothing comes any more' await 120 grep -q \
	't-[0-9T.]*Z.jsonl.zst: complete, [0-9]* exchanges' "$T/p.err"
kill -9 $reader
wait $reader 2>/dev/null
status 2 'without parts, it is another trace' "$lockstep" import kafka --brokers "$kafka" \
	--group parts --topic other --out "$(ls "$T"/parts/t-* | head -1)"
parts
ok 'all of it' await 120 bash -c "sleep .3; [ \$(for i in '$T'/parts/t-*; do
	'$lockstep' trace cat \$i 2>/dev/null; done | grep -c '\"kafka\":\[') -ge 1200 ]"
kill -INT $reader
wait $reader
is $? 0 'the end'
for i in "$T"/parts/t-*; do ids "$i"; done | sort >"$T/ids"
is "$(uniq "$T/ids" | wc -l) $(wc -l <"$T/ids")" '1200 1200' 'each once, in all parts'
status 0 'again, there is nothing more' "$lockstep" import kafka --brokers "$kafka" \
	--group parts --topic t --out "$T/parts/t.jsonl.zst" --rotate-size 1M --json
is "$(jq -c '[.read, .parts]' "$T/out")" '[0,0]' 'and no part is begun'

# ---- what another client has put there ---------------------------------------------
ok 'another client sends questions of its own shape' client produce "$kafka" \
	other 30
status 0 'read by pointers' "$lockstep" "${import[@]}" --topic other \
	--question /m/q --id /m/ref --answer /said --out "$T/o.zst"
like "$(cat "$T/out")" '30 exchanges of 31 records' 'all of them'
like "$(cat "$T/out")" 'not used: 1, a message that is not JSON .first: other partition 0, offset:10' \
	'and where what is none is'
is "$("$lockstep" trace cat "$T/o.zst" | jq -r 'select(.id == "r7") |
	.response.body | fromjson | .answer')" 'That of 7.' 'as they were sent'

# ---- bounded --------------------------------------------------------------------
serve small "$lockstep" record --upstream "$stub" --out "kafka://$kafka/small" \
	--queue 64K --grace 1s --kafka-set client.id=x --status 127.0.0.1:0
rec=$pid
metrics=$(grep -o 'http://[0-9.:]*/metrics' "$T/small.out")
client ask "$url" 0 50 "$T/asked"
# a broker that has them may be killed before it says so
ok 'they are in the topic' await 120 bash -c \
	"curl -s $metrics | grep -q 'state=\"written\"} 50\$'"
kafka_kill
ok 'more than there is room for' client ask "$url" 50 400 "$T/asked"
kill -INT $rec
wait $rec
is $? 2 'a broker that stays away'
account=$(grep -o 'seen.*' "$T/small.err")
like "$account" 'seen 450 = written 50 \+ dropped 400 .*queue full [0-9]+' \
	'what does not fit is counted'
like "$(cat "$T/small.err")" 'Kafka did not take the last [0-9]+ exchanges' \
	'and what could not be sent'

# ---- mistakes ----------------------------------------------------------------------
while IFS='|' read -r what args words; do
	status 2 "$what" "$lockstep" $args
	like "$(cat "$T/err")" "$words" 'says so'
done <<CASES
a user in the address|record --upstream $stub --out kafka://u:hush@h:1/t|has no user and password
no topic|record --upstream $stub --out kafka://h:1/|give kafka://HOST:PORT
a setting that is none|record --upstream $stub --out kafka://h:1/t --kafka-set compresion.type=zstd|compresion.type: librdkafka .* has no such setting
a value that is none|record --upstream $stub --out kafka://h:1/t --kafka-set acks=hush|acks: librdkafka .* does not take this value
what is ours|record --upstream $stub --out kafka://h:1/t --kafka-set enable.idempotence=false|lockstep sets this itself
parts|record --upstream $stub --out kafka://h:1/t --rotate-size 1M|a topic has its own retention
parts of other formats|import otlp $T/asked --rotate-size 1M --out $T/x.zst|are for import kafka
only a limit|import kafka --brokers h:1 --topic t --group g --out $T/x.zst --keep-files 3|add --rotate-size
no group|import kafka --brokers h:1 --topic t --out $T/x.zst|needs --brokers .* --group
a variable that is not set|import kafka --brokers h:1 --topic t --group g --out $T/x.zst --kafka-set sasl.password=\${NO_SUCH}|NO_SUCH}, which is not set
CASES
done_testing
