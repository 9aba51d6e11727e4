import json
import socket

told = json.load(open("outside.json"))
reached = []


def try_to(name, call):
    try:
        call()
    except OSError as error:
        print(name, "refused:", type(error).__name__)
    else:
        reached.append(name)


def tcp(address):
    socket.create_connection((address, told["tcp"]), timeout=0.5).close()


def udp(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"hello", (address, told["udp"]))


def unix(address, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as client:
        client.connect(address)
        client.send(b"hello")


for address in told["addresses"]:
    try_to("tcp " + address, lambda: tcp(address))
try_to("unix", lambda: unix(told["unix"]))
try_to("unix datagrams", lambda: unix(told["unix_datagrams"], socket.SOCK_DGRAM))
try_to("abstract", lambda: unix("\0" + told["abstract"]))
for family, kind, protocol in (
    (socket.AF_PACKET, socket.SOCK_RAW, 3),
    (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
):
    try_to(f"raw {family}", lambda: socket.socket(family, kind, protocol))
for address in told["addresses"]:
    # A datagram to nobody is no error: whether it arrived is seen at the other end.
    try:
        udp(address)
    except OSError:
        pass
print("reached:", reached)
