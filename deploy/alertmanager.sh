#!/bin/sh
# Starts Alertmanager in its container with the routing that is shipped; further arguments are its own.
#
#   RECEIVERS=sink      with $SINK in place of every receiver's services
#   RECEIVERS=shipped   as it is; the secrets are in /secrets
set -eu

folder=/tmp/alertmanager
mkdir -p "$folder"
# The path of the templates starts from the configuration.
cp -r /etc/alertmanager/templates "$folder/"
case $RECEIVERS in
sink) awk -v url="$SINK" -f /deploy/to_sink.awk /etc/alertmanager/alertmanager.yml >"$folder/alertmanager.yml" ;;
shipped) sed 's|/etc/alertmanager/secrets/|/secrets/|' /etc/alertmanager/alertmanager.yml >"$folder/alertmanager.yml" ;;
*)
    echo "alertmanager: RECEIVERS is $RECEIVERS, which is neither sink nor shipped" >&2
    exit 1
    ;;
esac
exec /bin/alertmanager --config.file="$folder/alertmanager.yml" "$@"
