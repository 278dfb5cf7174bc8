// A zone agent in Go, from docs/protocol.md alone: joins a zone, sends a message, asks for an action
// and holds the session with Pings in nanoseconds.
//
// Debian: apt-get install golang-go golang-github-gorilla-websocket-dev \
//
//	golang-github-vmihailenco-msgpack.v5-dev
//
//	GO111MODULE=off GOPATH=/usr/share/gocode \
//	  go run examples/agent.go -url ws://127.0.0.1:8420/wire -zone zone_...
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"log"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/vmihailenco/msgpack/v5"
)

const (
	hello      = 0x01
	verify     = 0x03
	message    = 0x10
	errorType  = 0xE0
	ping       = 0xF0
	pong       = 0xF1
	disconnect = 0xFF
)

type fields = map[string]interface{}

// The wire has byte fields as arrays of integers; the library reads such an array into no []byte.
func toInts(data []byte) []int {
	ints := make([]int, len(data))
	for i, b := range data {
		ints[i] = int(b)
	}
	return ints
}

func toBytes(ints []int) []byte {
	data := make([]byte, len(ints))
	for i, v := range ints {
		data[i] = byte(v)
	}
	return data
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func sum(data []byte) []byte {
	hash := sha256.Sum256(data)
	return hash[:]
}

// UUIDv7 (RFC 9562): milliseconds, version, random bits.
func uuid7() string {
	id := make([]byte, 16)
	_, err := rand.Read(id)
	must(err)
	milliseconds := make([]byte, 8)
	binary.BigEndian.PutUint64(milliseconds, uint64(time.Now().UnixNano()/1e6))
	copy(id, milliseconds[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// One session.
type agent struct {
	socket        *websocket.Conn
	key           ed25519.PrivateKey
	nodeID        string
	steward       string
	pingsAnswered int
}

// Sends an envelope; returns its payload as sent.
func (a *agent) send(kind byte, value fields) []byte {
	payload, err := msgpack.Marshal(value)
	must(err)
	head := []byte{0xAC, 1, 1, kind, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(head[4:], uint32(len(payload)))
	must(a.socket.WriteMessage(websocket.BinaryMessage, append(head, payload...)))
	return payload
}

// Returns the next envelope that is the caller's: Pings are answered, errors end the program.
func (a *agent) read() (byte, []byte) {
	for {
		_, data, err := a.socket.ReadMessage()
		must(err)
		kind, payload := data[3], data[8:]
		switch kind {
		case ping:
			var asked struct {
				Ts int64 `msgpack:"ts"`
			}
			must(msgpack.Unmarshal(payload, &asked))
			a.send(pong, fields{"ts": time.Now().UnixNano(), "echo": asked.Ts})
			a.pingsAnswered++
		case errorType, disconnect:
			var told fields
			must(msgpack.Unmarshal(payload, &told))
			log.Fatalf("the steward says %v", told)
		default:
			return kind, payload
		}
	}
}

// Hello to VerifyAck in the bound form, with the steward's own proof (section 3).
func (a *agent) handshake(authority string) {
	challenge := make([]byte, 32)
	_, err := rand.Read(challenge)
	must(err)
	helloHash := sum(a.send(hello, fields{
		"node_id":      a.nodeID,
		"name":         "go example",
		"skills":       []string{},
		"public_key":   toInts(a.key.Public().(ed25519.PublicKey)),
		"protocol_v":   1,
		"timestamp":    time.Now().Unix(),
		"challenge":    toInts(challenge),
		"authority":    authority,
		"capabilities": []string{"bound_verify", "error_detail"},
	}))
	_, payload := a.read()
	var ack struct {
		NodeID    string `msgpack:"node_id"`
		PublicKey []int  `msgpack:"public_key"`
		Challenge []int  `msgpack:"challenge"`
		Signature []int  `msgpack:"signature"`
	}
	must(msgpack.Unmarshal(payload, &ack))
	a.steward = ack.NodeID
	key := toBytes(ack.PublicKey)
	if a.steward != "atlas_"+hex.EncodeToString(sum(key)) {
		log.Fatal("the node id is not that of the key")
	}
	proof := bytes.Join([][]byte{
		[]byte("atlas-responder-v1\x00"), helloHash, toBytes(ack.Challenge), []byte(a.steward),
	}, nil)
	if !ed25519.Verify(key, proof, toBytes(ack.Signature)) {
		log.Fatal("the steward's proof does not verify")
	}
	signed := bytes.Join([][]byte{[]byte("atlas-bound-verify-v1\x00"), helloHash, sum(payload)}, nil)
	a.send(verify, fields{
		"signature": toInts(ed25519.Sign(a.key, signed)),
		"challenge": ack.Challenge,
	})
	_, payload = a.read()
	var verified struct {
		Status string `msgpack:"status"`
	}
	must(msgpack.Unmarshal(payload, &verified))
	if verified.Status != "ok" {
		log.Fatal("the Verify was rejected")
	}
}

// Sends a body and returns the one that answers it (section 5).
func (a *agent) ask(body fields) fields {
	id := "msg_" + uuid7()
	a.send(message, fields{
		"id": id, "from": a.nodeID, "to": a.steward, "timestamp": time.Now().Unix(), "body": body,
	})
	for {
		kind, payload := a.read()
		if kind != message {
			continue
		}
		var reply struct {
			ReplyTo string `msgpack:"reply_to"`
			Body    fields `msgpack:"body"`
		}
		must(msgpack.Unmarshal(payload, &reply))
		if reply.ReplyTo != id {
			continue
		}
		if reply.Body["type"] == "zone.error" {
			log.Fatalf("refused: %v", reply.Body)
		}
		return reply.Body
	}
}

// Pings in nanoseconds until so many Pings went each way.
func (a *agent) hold(pings int) int {
	echoed := 0
	for echoed < pings || a.pingsAnswered < pings {
		sent := time.Now().UnixNano()
		a.send(ping, fields{"ts": sent})
		kind, payload := a.read()
		for kind != pong {
			kind, payload = a.read()
		}
		var answer struct {
			Echo int64 `msgpack:"echo"`
		}
		must(msgpack.Unmarshal(payload, &answer))
		if answer.Echo != sent {
			log.Fatalf("%d came back as %d", sent, answer.Echo)
		}
		echoed++
		time.Sleep(200 * time.Millisecond)
	}
	return echoed
}

func main() {
	address := flag.String("url", "ws://127.0.0.1:8420/wire", "the steward's wire")
	zone := flag.String("zone", "", "the zone to join")
	text := flag.String("text", "hello from Go", "what to say")
	repeat := flag.Int("repeat", 1, "say it so many times in a row")
	pings := flag.Int("pings", 1, "hold the session for so many Pings")
	flag.Parse()
	log.SetFlags(0)
	parsed, err := url.Parse(*address)
	must(err)
	socket, _, err := websocket.DefaultDialer.Dial(*address, nil)
	must(err)
	// A key of its own each time; keep yours, it is who you are.
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	a := &agent{socket: socket, key: private, nodeID: "atlas_" + hex.EncodeToString(sum(public))}
	a.handshake(parsed.Host)

	joined := a.ask(fields{"type": "zone.join", "zone_id": *zone})
	fmt.Println("joined", joined["name"], "as", a.nodeID)
	said := strings.Repeat(*text, *repeat)
	sent := a.ask(fields{
		"type": "zone.message", "zone_id": *zone, "id": "zmsg_" + uuid7(),
		"content": fields{"text": said},
	})
	fmt.Println("sent", sent["seq"])
	answer := a.ask(fields{
		"type": "zone.request", "request_id": "req_" + uuid7(), "zone_id": *zone,
		"action": "echo", "params": fields{"text": said},
	})
	result, _ := answer["result"].(fields)
	fmt.Println("echoed", result["text"] == said)
	echoed := a.hold(*pings)
	fmt.Println("held", echoed, "pings sent,", a.pingsAnswered, "answered")
	a.send(disconnect, fields{"reason": "normal"})
}
