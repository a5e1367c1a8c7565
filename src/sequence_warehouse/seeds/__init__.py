"""Seeds: what is known about accounts, events and names that HubSpot does not send.

The project ships them in ``seeds/``; a user's own folder (``CONFIG=dir``) goes over them row by row. They are
read as people save them and checked before anything runs. Everybody reads them here.
"""

from sequence_warehouse.seeds.all_seeds import Seeds
from sequence_warehouse.seeds.zones import is_time_zone

__all__ = ["Seeds", "is_time_zone"]
