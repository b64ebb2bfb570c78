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
SERVICES = ["sqs", "sns", "s3"]
KINDS = ["service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2"]


def listen(path):
    import gc
    import selectors

    before = dict(os.environ)
    import awscli.clidriver
    import awscli.handlers  # noqa: F401 - What the program loads when it is run.

    read_models(awscli.clidriver.create_clidriver().session)
    # It tells itself where its data is.
    own = {name: value for name, value in os.environ.items() if before.get(name) != value}
    # A command has ended before there is garbage that is worth looking for.
    gc.freeze()
    gc.disable()
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(path)
        listener.listen()
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.data is None:
                    connection, _ = listener.accept()
                    command = os.fork()
                    if command == 0:
                        run(connection, own, awscli.clidriver.main)
                    selector.register(os.pidfd_open(command), selectors.EVENT_READ, (command, connection))
                    continue
                command, connection = key.data
                selector.unregister(key.fileobj)
                os.close(key.fileobj)
                _, status = os.waitpid(command, 0)
                with connection:
                    connection.sendall(bytes([os.waitstatus_to_exitcode(status) & 255]))


def read_models(session):
    """What the program reads of its own data about these services, once and not for each command: a third of what one takes."""
    import botocore.exceptions
    import botocore.session

    loader = session.get_component("data_loader")
    # A loader keeps what it has read; each command makes a session, and each session a loader.
    botocore.session.create_loader = lambda *_: loader
    loader.load_data("endpoints")
    for service in SERVICES:
        for kind in KINDS:
            try:
                loader.load_service_model(service, kind)
            except botocore.exceptions.BotoCoreError:
                pass  # There is none of it.


def run(connection, own, program):
    start, files, _, _ = socket.recv_fds(connection, LENGTH_BYTES, 3)
    with connection.makefile("rb") as rest:
        asked = json.loads(rest.read(int.from_bytes(start, "big")))
    connection.close()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update({**asked["environment"], **own})
    os.chdir(asked["folder"])
    sys.argv = ["aws", *asked["arguments"]]
    sys.exit(program())


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
