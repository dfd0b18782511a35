"""A server of the smpp34 package that answers submit_sm; it takes every bind by itself."""
import asyncio
import itertools
import sys

import smpp34


async def main():
    server = smpp34.Server(host="127.0.0.1", port=int(sys.argv[1]), system_id="peer")
    await server.start()
    ids = itertools.count(1)
    while True:
        event = await server.next()
        if isinstance(event, smpp34.SubmitSmEvent):
            event.accept(message_id=str(next(ids)))


asyncio.run(main())
