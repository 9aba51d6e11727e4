kernel = get_ipython().kernel


async def do_execute(*_, **__):
    return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}


kernel.do_execute = do_execute
get_ipython().run_cell = lambda *_, **__: None
get_ipython().run_cell_async = lambda *_, **__: None
