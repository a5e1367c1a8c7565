# What make says of a variable that the goals do not take: awk -f ... <goals> <name> <takes> <other targets>
function distance(a, b,    i, j, d, least) {
    for (i = 0; i <= length(a); i++) d[i, 0] = i
    for (j = 0; j <= length(b); j++) d[0, j] = j
    for (i = 1; i <= length(a); i++)
        for (j = 1; j <= length(b); j++) {
            least = d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1))
            if (d[i - 1, j] + 1 < least) least = d[i - 1, j] + 1
            if (d[i, j - 1] + 1 < least) least = d[i, j - 1] + 1
            d[i, j] = least
        }
    return d[length(a), length(b)]
}

BEGIN {
    goals = ARGV[1]; name = ARGV[2]; takes = ARGV[3]; others = ARGV[4]
    count = split(takes " PYTHON", known, " ")
    for (i = 1; i <= count; i++) {
        longer = length(known[i]) > length(name) ? length(known[i]) : length(name)
        off = index(known[i], toupper(name)) == 1 ? 0 : distance(toupper(name), known[i])
        # half of the longer name may be wrong
        if (2 * off <= longer && (nearest == "" || off < least)) {
            nearest = known[i]
            least = off
        }
    }
    gsub(" ", ", ", takes)
    advice = nearest != "" ? "did you mean " nearest "?" : "it takes " (takes != "" ? takes : "none") "."
    gsub(" ", ", make ", others)
    if (others != "") advice = advice " " name " is for make " others "."
    print "error: make " goals " knows no variable " name ": " advice
}
