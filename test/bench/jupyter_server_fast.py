"""jupyter_server as fast as it can be made from outside: its sockets with TCP_NODELAY, which it leaves off."""

from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

_open = KernelWebsocketHandler.open


async def open_without_delay(self, kernel_id):
    self.set_nodelay(True)
    await _open(self, kernel_id)


KernelWebsocketHandler.open = open_without_delay
ServerApp.launch_instance()
