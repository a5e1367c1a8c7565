"""Extract: what is new in a HubSpot account becomes files of a landing folder, which the load then reads.

    extract(settings, account, "contacts")      one stream of one portal; safe to kill and to repeat

One page of an answer is one file of JSON lines, each line a record as it came; of the answer's envelope
nothing is kept. Associations, which search does not give, are read in batches and put into the record
where the list endpoint has them, their elements as they came; a stream of their own asks for them again. A
record that was landed before with the same content is left out, so that the overlap of windows costs requests
and no files.

    landing/portal=1001/events/<type>/00000001-since-….jsonl.gz
    landing/portal=1001/objects/<type>/00000001-….jsonl.gz
    landing/_state/portal=1001/<stream>.sqlite   cursor, open window, what was landed; never loaded
    landing/_state/portal=1001/<stream>.json     the last run: outcome and counts, for people and reports

A page is durable before the state says so. Killed in between, the next run finds a page that its state
does not know of, and takes it over: nothing is lost and nothing comes twice.

Why httpx with tenacity, of the clients compared (all well kept):
    httpx + tenacity      in the lock file already; policy, sleep and transport are ours to inject; chosen
    requests + urllib3    Retry cannot read a body (daily or secondly?), sleeps by the real clock, and does
                          not repeat an answer that breaks off in its body
    dlt RESTClient        good paginators, but retries are requests' own; 40 packages for one loop
    hubspot-api-client    models drop unknown fields and retype dates, so the raw answer is gone; the tests
                          of the simulated HubSpot use it as a witness
"""

from sequence_warehouse.extract.connection import Account
from sequence_warehouse.extract.options import Options
from sequence_warehouse.extract.planning import plan
from sequence_warehouse.extract.running import extract

__all__ = ["Account", "Options", "extract", "plan"]
