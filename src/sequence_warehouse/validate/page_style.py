"""Style and frame of the validation site's pages; everything inline, nothing from the network."""

_SHARED_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .6rem; text-align: left }
td { overflow-wrap: anywhere; vertical-align: top }
"""

INDEX_PAGE = (
    """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data validation</title>
<style>"""
    + _SHARED_STYLE
    + """tr.failed td:first-child, span.failed { color: #b00020; font-weight: 600 }
tr.warning td:first-child { color: #8a5a00; font-weight: 600 }
tr.passed td:first-child, span.passed { color: #1b6e2c }
</style></head><body>
<h1>Data validation</h1>
SECTIONS
</body></html>
"""
)

REDIRECT_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data validation</title>
<meta http-equiv="refresh" content="0; url=../index.html"></head>
<body><a href="../index.html">Data validation</a></body></html>
"""

# For Great Expectations' own markup, which is written for Bootstrap and Font Awesome; what needs
# scripts (its filter, its sidebar) or advertises is hidden.
UPSTREAM_STYLE = (
    "<style>"
    + _SHARED_STYLE
    + """ol.breadcrumb { list-style: none; padding: 0 }
ol.breadcrumb li { display: inline }
ol.breadcrumb li + li::before { content: " / " }
.fa-check-circle::before { content: "\\2713"; color: #1b6e2c }
.fa-times::before { content: "\\2717"; color: #b00020 }
.fa-exclamation-triangle::before { content: "\\26a0"; color: #8a5a00 }
footer, button, .col-lg-2.col-md-2 { display: none }
</style>
"""
)
