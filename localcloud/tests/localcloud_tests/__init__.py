"""What several tests use, the project's above localcloud too: a training's folder, a small cloud, tiny models."""
