"""The project's tests. A package, because a dependency installs one of that name, which would be found in its place."""
