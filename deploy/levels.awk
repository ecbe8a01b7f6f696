# Files with the recording rules of others, so that no rule of a file needs what another one of the same file records:
# FOLDER/1.rules.yml needs nothing, 2 needs 1, and so on. Alerts are left out.
#
#   awk -v folder=FOLDER -f levels.awk FILE...
#
# It reads YAML as the files in alerts/ are written: a rule begins with `- record:`.

{ sub(/^ *#.*/, "") }
/^[^ ]/ || /^ *- (record|alert|name):/ { rule = 0 }
/^ *- record:/ { rule = ++rules; name[rule] = $3 }
rule && NF { text[rule] = text[rule] $0 "\n" }

# Whether the rule uses what is recorded under that name, which may be the beginning of a longer one.
function uses(rule, recorded,    rest, place) {
    rest = text[rule]
    sub(/^[^\n]*\n/, "", rest)
    while ((place = index(rest, recorded)) > 0) {
        rest = substr(rest, place + length(recorded))
        if (rest !~ /^[a-zA-Z0-9_:]/) return 1
    }
    return 0
}

END {
    for (left = rules; left > 0 && levels < rules; levels++) {
        file = folder "/" (levels + 1) ".rules.yml"
        for (i = 1; i <= rules; i++) {
            ready[i] = !level[i]
            for (j = 1; j <= rules && ready[i]; j++) if (!level[j] && uses(i, name[j])) ready[i] = 0
        }
        print "groups:\n  - name: level\n    rules:" > file
        for (i = 1; i <= rules; i++) if (ready[i]) {
            level[i] = levels + 1
            left--
            printf "%s", text[i] > file
        }
        close(file)
    }
    if (left) {
        print "levels.awk: rules need one another in a circle" > "/dev/stderr"
        exit 1
    }
}
