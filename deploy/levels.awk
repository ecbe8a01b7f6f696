# Splits recording rules into files by dependency: no rule uses a series that a rule of the same file records.
# FOLDER/1.rules.yml depends on no other file, 2.rules.yml depends on 1.rules.yml, and so on. Alerts are left out. A rule
# may read its own last value, which a history does not have: there it remembers nothing. Therefore the rules that record
# once in each half-hour, whose names end with :half_hour, get a group with that interval.
#
#   awk -v folder=FOLDER -f levels.awk FILE...
#
# It reads only the YAML style of the files in alerts/, in which each rule starts with `- record:`.

{ sub(/^ *#.*/, "") }
/^[^ ]/ || /^ *- (record|alert|name):/ { rule = 0 }
/^ *- record:/ { rule = ++rules; name[rule] = $3 }
rule && NF { text[rule] = text[rule] $0 "\n" }

# Whether the rule uses the recorded name. A longer name that starts with this name does not count.
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
            for (j = 1; j <= rules && ready[i]; j++) if (j != i && !level[j] && uses(i, name[j])) ready[i] = 0
        }
        print "groups:" > file
        for (half_hours = 0; half_hours <= 1; half_hours++) {
            found = 0
            for (i = 1; i <= rules; i++) if (ready[i] && (name[i] ~ /:half_hour$/) == half_hours) {
                if (!found++) print "  - name: level" half_hours (half_hours ? "\n    interval: 30m" : "") "\n    rules:" > file
                level[i] = levels + 1
                left--
                printf "%s", text[i] > file
            }
        }
        close(file)
    }
    if (left) {
        print "levels.awk: recording rules depend on each other in a circle. Remove the circle." > "/dev/stderr"
        exit 1
    }
}
