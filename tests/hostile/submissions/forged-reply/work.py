kernel = get_ipython().kernel
parent = kernel.get_parent()
for socket in (kernel.shell_stream, getattr(kernel, "shell_socket", None)):
    if socket is not None:
        try:
            for content in ({"status": "ok"}, {"status": "error", "ename": ["x"] * 1000, "evalue": {"a": 1},
                            "traceback": 5}, {"status": 3}, {}):
                kernel.session.send(socket, "execute_reply", content, parent=parent, ident=kernel._parent_ident.get("shell") if isinstance(kernel._parent_ident, dict) else None)
        except Exception as error:
            print(type(error).__name__)
