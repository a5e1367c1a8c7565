"""What cannot be loaded, and what must not be looked at: constant text, the same in each portal."""

_GOOD = '"objectId":"16455361000","objectType":"CONTACT","occurredAt":"2025-08-04T09:00:00.000Z"'

# In a good file: everything around them must load.
BAD_LINES_IN_GOOD_FILE = (
    'this is not JSON\n\n{"eventType":"e_visited_page","id":"",' + _GOOD + ',"properties":{}}\n'
    '{"eventType":"e_visited_page","id":"bad-in-good-2","objectId":"16455361000",'
    '"objectType":"CONTACT","occurredAt":"yesterday","properties":{}}\n'
)

# The reason that each line should be rejected for, in this order.
BAD_LINES = "".join(
    line + "\n"
    for line in (
        '{"eventType":"e_visited_page","id":"cut-off",' + _GOOD + ',"prop',  # not JSON
        "[1, 2, 3]",  # not an object
        '"just text"',  # not an object
        '{"eventType":"e_visited_page",' + _GOOD + ',"properties":{}}',  # id missing
        '{"eventType":"","id":"bad-5",' + _GOOD + ',"properties":{}}',  # eventType empty
        (
            '{"eventType":"e_visited_page","id":"bad-6","objectType":"CONTACT",'
            '"occurredAt":"2025-08-04T09:00:00.000Z","properties":{}}'
        ),  # objectId missing
        (
            '{"eventType":"e_visited_page","id":"bad-7","objectId":"1","objectType":"CONTACT",'
            '"properties":{}}'
        ),  # occurredAt missing
        (
            '{"eventType":"e_visited_page","id":"bad-8","objectId":"1","objectType":"CONTACT",'
            '"occurredAt":"2025-13-45T99:00:00Z","properties":{}}'
        ),  # a time that cannot be read
        '{"eventType":"e_visited_page","id":"bad-9",' + _GOOD + ',"properties":"none"}',  # text
        '{"eventType":"e_visited_page","id":"bad-10",' + _GOOD + ',"properties":[1]}',  # list
        '{"eventType":"e_visited_page","id":{"a":1},' + _GOOD + ',"properties":{}}',  # wrong type
        "",  # a blank line is nothing
    )
)

# Cut off in the middle of a page: the whole file is one rejection.
TRUNCATED_PAGE = (
    '{"results":[{"eventType":"e_visited_page","id":"truncated-1",' + _GOOD + ',"properties":{}},'
    '{"eventType":"e_visited_page","id":"truncated-2","objectId":"164553'
)

# A type that no seed knows, months after everything else: it must not move the as-of time.
UNKNOWN_LATER = (
    '{"eventType":"e_custom_badge_scanned","id":"unknown-1","objectId":"16455361000",'
    '"objectType":"CONTACT","occurredAt":"2026-09-01T12:00:00.000Z","properties":{"badge":"7"}}\n'
)

# Good JSON, though no good text: an emoji cut in two by whoever shortened the name.
HALF_EMOJI = (
    '{"id":"9809999999","properties":{"name":"Rocket \\ud83d","domain":"rocket.example","industry":"",'
    '"country":"Norway","hubspot_owner_id":"","hs_merged_object_ids":""},'
    '"createdAt":"2025-06-01T08:00:00.000Z","updatedAt":"2025-06-01T08:00:00.000Z","archived":false}\n'
)

BAD_OBJECTS = 'not JSON either\n{"properties":{"email":"no.id@mail-0.example"},"archived":false}\n'

# Names that a loader must pass by.
IGNORED = {
    "events/_SUCCESS": "",
    "events/monthly/.hidden.jsonl": "must not be read\n",
    "events/monthly/_draft.jsonl": "must not be read\n",
    "events/monthly/half-written.jsonl.tmp": '{"eventType":"e_vis',
}
