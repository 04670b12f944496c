# sh -c SCRIPT sh BIN FOLDER PORT: runs Postgres in FOLDER until the standard input ends. A line of
# it is "stop" or "start". It prints "ready" when the server accepts connections or has stopped.
bin=$1 folder=$2 port=$3
trap '' INT TERM HUP PIPE
trap 'cd / && rm -rf "$folder"' EXIT
start() {
	if "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 120 \
		-o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= -c fsync=off -c max_connections=200" \
		start >"$folder/start" 2>&1; then
		echo ready
	else
		cat "$folder/start" "$folder/log"
		exit 1
	fi
}
stop() { "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >"$folder/stop" 2>&1; }

if ! "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C -N >"$folder/init" 2>&1; then
	cat "$folder/init"
	exit 1
fi
start
while read -r command; do
	case $command in
	start) start ;;
	stop) stop && echo ready ;;
	esac
done
stop
