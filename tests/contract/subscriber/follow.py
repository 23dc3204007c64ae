"""Follows Weft's events with a plain NATS client, as docs/events.md says, and keeps what they tell in SQLite.

Prints one line of JSON after each batch: numbers only, nothing of what people say.
"""

import argparse
import asyncio
import json
import ssl

import nats
from nats.errors import Error as Trouble

from contract import Contract
from projection import Projection

STREAM = "EVENTS"
BATCH = 100
PAUSE = 0.5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--reader", required=True, help="the name that weft.toml gives this reader")
    parser.add_argument("--seed", required=True, help="the file with the seed of the reader's NKey")
    parser.add_argument("--ca", help="the certificates that sign the server's")
    parser.add_argument("--asyncapi", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--crash-point", type=int, help="stand still between commit and acknowledgement after so many events")
    return parser.parse_args()


async def main(given):
    contract, projection = Contract(given.asyncapi), Projection(given.database)
    consumer = f"reader-{given.reader}"
    client = await nats.connect(
        given.server,
        nkeys_seed=given.seed,
        inbox_prefix=f"_INBOX_{consumer}".encode(),
        max_reconnect_attempts=-1,
        error_cb=in_trouble,
        tls=ssl.create_default_context(cafile=given.ca) if given.ca else None,
    )
    stream = client.jetstream()
    subscription = await stream.pull_subscribe_bind(consumer=consumer, stream=STREAM)
    since, delivered, seen, faults = None, 0, 0, {}
    while True:
        try:
            batch = await subscription.fetch(BATCH, timeout=1)
            if since is None or batch[0].metadata.sequence.consumer <= delivered:
                # A consumer that was made anew counts its deliveries from the beginning.
                since = (await stream.consumer_info(STREAM, consumer)).created.isoformat()
        # Nothing new; the client says so in more than one way.
        except asyncio.TimeoutError:
            continue
        except Trouble as trouble:
            await in_trouble(trouble)
            await asyncio.sleep(PAUSE)
            continue
        delivered = batch[-1].metadata.sequence.consumer
        events = []
        for message in batch:
            body = json.loads(message.data)
            for fault in contract.faults(message.headers, body):
                faults[fault] = faults.get(fault, 0) + 1
            events.append(((since, message.metadata.sequence.stream), message.headers, body))
        projection.apply(events)
        seen += len(batch)
        report(seen, events, faults, projection)
        if given.crash_point and seen >= given.crash_point:
            await asyncio.Event().wait()
        try:
            for message in batch:
                await message.ack()
        except Trouble as trouble:
            # What is not acknowledged comes again.
            await in_trouble(trouble)


async def in_trouble(trouble):
    print(json.dumps({"trouble": type(trouble).__name__}), flush=True)


def report(seen, events, faults, projection):
    last = max(version[1] for version, _, _ in events)
    numbers = {"events": seen, "sequence": last, "faults": faults, "repeated": projection.repeated, "late": projection.late}
    print(json.dumps(numbers), flush=True)


if __name__ == "__main__":
    asyncio.run(main(arguments()))
