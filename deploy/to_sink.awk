# The routing that is shipped, with a webhook in place of every service: receivers keep their names, routes, waits,
# working hours and inhibition stay as they are. No secret is needed any more.
#
#   awk -v url=http://127.0.0.1:9095/ -f to_sink.awk alertmanager.yml

/^[a-z_]+:/ { section = $1 }
section != "receivers:" { print; next }
/^receivers:/ { print }
/^  - name: / {
    print
    print "    webhook_configs: [{url: \"" url $3 "\", send_resolved: true}]"
}
