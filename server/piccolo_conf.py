"""Where Piccolo's commands find us: `PICCOLO_CONF=server.piccolo_conf piccolo …`."""

from piccolo.conf.apps import AppRegistry

from server.db import bridge

DB = bridge
APP_REGISTRY = AppRegistry(apps=["server.piccolo_app"])
