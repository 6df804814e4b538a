"""What several tests use, the project's above localcloud too: a training's folder, a small cloud, tiny models.

Importing it takes out of the environment what a build or a person has set, so that nothing of that reaches what is
tested, which reads some of it as it is imported, nor the processes that a test starts.
"""

import os

CONFIGURATION = ("MEMOTION_", "LOCALCLOUD_", "AWS_", "CODEBUILD_")
for variable in [name for name in os.environ if name.startswith(CONFIGURATION)]:
    del os.environ[variable]
