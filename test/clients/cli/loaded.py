"""The AWS CLI loaded once, and forked for each command: to load it takes three times what most commands do.

    loaded.py <socket>              listens there, until it is killed
    loaded.py <socket> <argument…>  runs one command there, with this process's arguments, environment, folder and standard files

The second exits as the command does. Nothing of one command reaches another: what is shared is the program, before it was run.
"""

import json
import os
import socket
import sys

LENGTH_BYTES = 4


def listen(path):
    import gc
    import signal

    before = dict(os.environ)
    import awscli.clidriver
    import awscli.handlers  # noqa: F401 - What the program loads when it is run.

    # It tells itself where its data is.
    own = {name: value for name, value in os.environ.items() if before.get(name) != value}
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        while True:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                answer(connection, own, awscli.clidriver.main)
                os._exit(0)
            connection.close()


def answer(connection, own, run):
    start, files, _, _ = socket.recv_fds(connection, LENGTH_BYTES, 3)
    with connection.makefile("rb") as rest:
        asked = json.loads(rest.read(int.from_bytes(start, "big")))
    command = os.fork()
    if command != 0:
        _, status = os.waitpid(command, 0)
        connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 255]))
        return
    connection.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update({**asked["environment"], **own})
    os.chdir(asked["folder"])
    sys.argv = ["aws", *asked["arguments"]]
    sys.exit(run())


def ask(path, arguments):
    request = json.dumps({"arguments": arguments, "environment": dict(os.environ), "folder": os.getcwd()}).encode()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        socket.send_fds(connection, [len(request).to_bytes(LENGTH_BYTES, "big")], [0, 1, 2])
        connection.sendall(request)
        told = connection.recv(1)
    return told[0] if told else 1


if len(sys.argv) > 2:
    sys.exit(ask(sys.argv[1], sys.argv[2:]))
listen(sys.argv[1])
