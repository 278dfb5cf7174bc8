#!/usr/bin/env python3
"""A zone agent in Python, from docs/protocol.md alone: joins a zone, sends a message, asks for an
action and holds the session with Pings in nanoseconds.

Debian: apt-get install python3-websockets python3-msgpack python3-nacl
    python3 examples/agent.py ws://127.0.0.1:8420/wire zone_... --text "hello"
"""

import argparse
import asyncio
import hashlib
import json
import os
import struct
import time
import uuid
from urllib.parse import urlsplit

import msgpack
import nacl.signing
import websockets

HELLO, HELLO_ACK, VERIFY, VERIFY_ACK = 0x01, 0x02, 0x03, 0x04
MESSAGE, MESSAGE_ACK, ERROR = 0x10, 0x11, 0xE0
PING, PONG, DISCONNECT = 0xF0, 0xF1, 0xFF
# One envelope: the library reads 1 MiB unless told otherwise.
READ_BYTES_MAX = 8 + 4 * 1024 * 1024


def sha256(data):
    return hashlib.sha256(data).digest()


def uuid7():
    """UUIDv7 (RFC 9562): milliseconds, version, random bits."""
    bits = int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10)
    value = int.from_bytes(bits, "big") & ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=value | 0x7 << 76 | 0x2 << 62))


class Agent:
    """One verified session."""

    def __init__(self, socket, key):
        self.socket = socket
        self.key = key
        self.node_id = "atlas_" + sha256(bytes(key.verify_key)).hex()
        self.steward = None
        self.pings_answered = 0

    async def send(self, kind, fields):
        """Sends an envelope; returns its payload as sent."""
        payload = msgpack.packb(fields)
        await self.socket.send(struct.pack(">4sI", bytes([0xAC, 1, 1, kind]), len(payload)) + payload)
        return payload

    async def read(self):
        """Returns the next envelope that is the caller's: Pings are answered, errors raised."""
        while True:
            data = await self.socket.recv()
            kind, payload = data[3], data[8:]
            fields = msgpack.unpackb(payload)
            if kind == PING:
                await self.send(PONG, {"ts": time.time_ns(), "echo": fields["ts"]})
                self.pings_answered += 1
            elif kind in (ERROR, DISCONNECT):
                raise SystemExit(f"the steward says {json.dumps(fields)}")
            else:
                return kind, fields, payload

    async def handshake(self, authority):
        """Hello to VerifyAck in the bound form, with the steward's own proof (section 3)."""
        public_key = bytes(self.key.verify_key)
        hello = {
            "node_id": self.node_id,
            "name": "python example",
            "skills": [],
            "public_key": list(public_key),
            "protocol_v": 1,
            "timestamp": int(time.time()),
            "challenge": list(os.urandom(32)),
            "authority": authority,
            "capabilities": ["bound_verify", "error_detail"],
        }
        hello_hash = sha256(await self.send(HELLO, hello))
        _, ack, ack_payload = await self.read()
        self.steward = ack["node_id"]
        steward_key = bytes(ack["public_key"])
        assert self.steward == "atlas_" + sha256(steward_key).hex(), "not the key's node id"
        proof = b"atlas-responder-v1\0" + hello_hash + bytes(ack["challenge"]) + self.steward.encode()
        nacl.signing.VerifyKey(steward_key).verify(proof, bytes(ack["signature"]))
        signed = b"atlas-bound-verify-v1\0" + hello_hash + sha256(ack_payload)
        signature = self.key.sign(signed).signature
        await self.send(VERIFY, {"signature": list(signature), "challenge": ack["challenge"]})
        _, verified, _ = await self.read()
        assert verified["status"] == "ok", verified

    async def ask(self, body):
        """Sends a body and returns the one that answers it (section 5)."""
        message_id = "msg_" + uuid7()
        message = {
            "id": message_id,
            "from": self.node_id,
            "to": self.steward,
            "timestamp": int(time.time()),
            "body": body,
        }
        await self.send(MESSAGE, message)
        while True:
            kind, fields, _ = await self.read()
            if kind == MESSAGE and fields.get("reply_to") == message_id:
                if fields["body"]["type"] == "zone.error":
                    raise SystemExit(f"refused: {json.dumps(fields['body'])}")
                return fields["body"]

    async def hold(self, pings):
        """Pings in nanoseconds until so many Pings went each way."""
        echoed = 0
        while echoed < pings or self.pings_answered < pings:
            sent = time.time_ns()
            await self.send(PING, {"ts": sent})
            kind, fields, _ = await self.read()
            while kind != PONG:
                kind, fields, _ = await self.read()
            assert fields["echo"] == sent, f"{sent} came back as {fields['echo']}"
            echoed += 1
            await asyncio.sleep(0.2)
        return echoed


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("zone")
    parser.add_argument("--text", default="hello from Python")
    parser.add_argument("--repeat", type=int, default=1, help="send the text so many times in a row")
    parser.add_argument("--pings", type=int, default=1, help="hold the session for so many Pings")
    options = parser.parse_args()
    text = options.text * options.repeat
    # A key of its own each time; keep yours, it is who you are.
    key = nacl.signing.SigningKey.generate()
    connect = websockets.connect(
        options.url, subprotocols=["atlas.v1"], compression=None, max_size=READ_BYTES_MAX
    )
    async with connect as socket:
        agent = Agent(socket, key)
        await agent.handshake(urlsplit(options.url).netloc)
        joined = await agent.ask({"type": "zone.join", "zone_id": options.zone})
        print("joined", joined["name"], "as", agent.node_id, flush=True)
        sent = await agent.ask(
            {
                "type": "zone.message",
                "zone_id": options.zone,
                "id": "zmsg_" + uuid7(),
                "content": {"text": text},
            }
        )
        print("sent", sent["seq"], flush=True)
        answer = await agent.ask(
            {
                "type": "zone.request",
                "request_id": "req_" + uuid7(),
                "zone_id": options.zone,
                "action": "echo",
                "params": {"text": text},
            }
        )
        print("echoed", answer["result"] == {"text": text}, flush=True)
        echoed = await agent.hold(options.pings)
        print("held", echoed, "pings sent,", agent.pings_answered, "answered", flush=True)
        await agent.send(DISCONNECT, {"reason": "normal"})


asyncio.run(main())
