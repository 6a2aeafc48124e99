"""What Piccolo has to know of us: the tables, and where their migrations lie."""

from pathlib import Path

from piccolo.conf.apps import AppConfig

from server.tables import ALL

APP_CONFIG = AppConfig(app_name="server", migrations_folder_path=str(Path(__file__).parent / "migrations"), table_classes=ALL)
