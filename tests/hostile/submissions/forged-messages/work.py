kernel = get_ipython().kernel
parent = kernel.get_parent()
for n in range(200):
    kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout"}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "execute_result", {"data": 5, "metadata": []}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "display_data", {"data": {"text/plain": {"a": [1]}}}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "nonsense", {"x": None}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "update_display_data", {"transient": 3}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "error", {"ename": 7, "traceback": None}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "comm_open", {"comm_id": []}, parent=parent)
    kernel.session.send(kernel.iopub_socket, "clear_output", {}, parent=parent)
