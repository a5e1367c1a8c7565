"""Simulated HubSpot accounts: a landing folder of sequence events and CRM objects, by seed.

    python -m sequence_warehouse.simulator --landing DIR --portals 1001,1002 --enrollments 3000

The same seed gives the same bytes (and modification times) whatever the number of threads; another
seed gives another account. Everything is set-based SQL, one slice of enrollments at a time: memory
depends on the slice, not on the account. Names, domains and addresses are invented (``.example``).

The account: six users (one of them archived, one with too few enrollments for a score) with reply
rates of 2-18 % and bounce rates of 0.6-6 %, six sequences of three to seven steps (one was
edited and lost a step), contacts of which one in five is enrolled again later, companies, deals,
tasks, meetings. Enrollments start on 2025-06-30 and end on 2026-06-30; nothing happens after. Ids
of contacts, enrollments and sequences are the same in every portal, those of users are not.

Up to one slice (40,000 enrollments) the files are of every kind: JSON lines by month, plain and
gzip, a CSV and Parquet share export, API pages. Larger accounts have one file of events a slice.

Quirks (``quirks=False`` switches all of them off; F: only with files of every kind):

====================================================  =======================================
quirk                                                 share
====================================================  =======================================
event arrives 3-42 days late, in a later month's file 3 % of events
event arrives twice, mostly in two files              1.5 % of events
same identity again with other content (F)            5 events, ``events/resent``
lines in no order                                     every file
enrollment whose events never carry its id            5 % of enrollments
sequence event without enrollment id                  3 % of those after the enroll event
sequence event with neither id                        0.2 % of those after the enroll event
open or click with sequence id only                   15 % of opens and clicks
open or click with template only, with nothing        30 %, 5 % of opens and clicks
enroll event lost, written twice for one id           0.3 %, 0.4 % of enrollments
user missing, user that no owner has                  0.7 %, 0.3 % of enrollments
company missing although known                        3 % of sequence events
step order as ``2.0``, as a word                      3 %, 0.1 % of step orders
workflow enrollment id beside ``hs_flow_id``          0.8 % of enrollments, of another one's id
event type that no seed knows                         1 % of enrollments
one unknown event two months after the rest (F)       1 event, ``events/unknown``
contact merged into another                           1-1.5 % of contacts; text, number, ``;``
... in a chain, by way of an archived contact         every 400th contact
... named by ``hs_calculated_merged_vids`` alone      every 400th contact
deal, company merged into another, landed before      2 % of deals, every 50th company;
                                                      ``*-merged.jsonl``
event with the id of a company that was merged        30 % of those of its enrollments
e-mail with a display name and a space at its end     0.5 % of contacts
name that ends in half an emoji (F)                   1 company
later version of a contact                            3 % of contacts, ``*-newer.jsonl``
lines that must be rejected (F)                       11 in ``events/broken``, 3 in a good file,
                                                      2 objects
page that breaks off (F)                              1 file, ``events/broken``
share table whose name is the event type (F)          replies of 2025-12
names that must be ignored (F)                        4 files
====================================================  =======================================

What real accounts do even without quirks: bounces as event, as error, as unenrollment or all of
them; manual unenrollments as one or two events with the same id; unenroll beside finish; replies
and meetings that end nothing; errors that end nothing; one-off meetings known only by the
unenrollment; meetings booked by an e-mail of an earlier step; opens months later; deals before the
enrollment, and in several currencies, some without an amount at home or a rate; booleans that are
numbers (``hs_task_is_completed``); times in epoch milliseconds; undated and archived objects; a user
who left, without a name since; e-mail addresses that several contacts share; events of deals, calls,
pages, forms, documents.
"""

from hubspot_simulator.landing.portals import PortalReport, simulate

__all__ = ["PortalReport", "simulate"]
