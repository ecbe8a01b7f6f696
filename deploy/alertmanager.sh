#!/bin/sh
# Starts Alertmanager in its container with alerts/alertmanager.yml. It passes its arguments to Alertmanager.
#
#   RECEIVERS=sink      sends the notifications of all receivers to $SINK
#   RECEIVERS=shipped   uses the receivers of the file, with the secrets in /secrets
set -eu

folder=/tmp/alertmanager
mkdir -p "$folder"
# The path of the templates is relative to the configuration file.
cp -r /etc/alertmanager/templates "$folder/"
case $RECEIVERS in
sink) awk -v url="$SINK" -f /deploy/to_sink.awk /etc/alertmanager/alertmanager.yml >"$folder/alertmanager.yml" ;;
shipped) sed 's|/etc/alertmanager/secrets/|/secrets/|' /etc/alertmanager/alertmanager.yml >"$folder/alertmanager.yml" ;;
*)
    echo "alertmanager: invalid RECEIVERS \"$RECEIVERS\": expected sink or shipped. Set it in .env." >&2
    exit 1
    ;;
esac
exec /bin/alertmanager --config.file="$folder/alertmanager.yml" "$@"
