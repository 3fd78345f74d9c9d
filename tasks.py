"""Every way to run Pressrun: `inv --list` names the tasks, `inv build --help` tells of one."""

from pathlib import Path

from pressrun import tasks

namespace = tasks.of(Path(__file__).resolve().parent)
