"""The same operations as Strawberry's documentation writes them: entities, dataloaders, the stock ASGI application.

``entities.py`` the tables by the ORM; ``loaders.py`` one dataloader for each relation; ``types.py`` the schema;
``application.py`` what uvicorn runs.
"""
