"""Has libraries show in a kernel what can be drawn wherever its outputs are looked at: by editors without a network, in files of
executed notebooks, in terminals. Runs in the user's Python and imports nothing of ours; whoever sets a library up himself is obeyed."""

import os
import sys
import warnings
from importlib.machinery import PathFinder


def plotly(module):
    """Figures as data. Its own choice is a script of 5 MB in each output."""
    if not os.environ.get("PLOTLY_RENDERER"):
        module.renderers.default = "plotly_mimetype"


def altair(module):
    """Charts as data. Its own choice is a page that loads its scripts from the network."""
    module.renderers.enable("mimetype")


def tqdm_notebook(module):
    """Bars as text. Its own are widgets, which stand still where nobody draws widgets."""
    from tqdm.std import tqdm as text_bar

    class tqdm_notebook(text_bar):
        def __init__(self, *args, **options):
            options.pop("display", None)
            # None would hide it, as this is no terminal; the width of a widget may be "100%".
            options["disable"] = bool(options.get("disable"))
            if isinstance(options.get("ncols"), str):
                del options["ncols"]
            super().__init__(*args, **options)

        def display(self, msg=None, pos=None, **_):
            return super().display(msg, pos)

    def tnrange(*args, **options):
        return tqdm_notebook(range(*args), **options)

    module.tqdm = module.tqdm_notebook = tqdm_notebook
    module.trange = module.tnrange = tnrange
    # Looked at by tqdm.auto, which warns where there are no widgets.
    module.IProgress = module.IProgress or text_bar


LIBRARIES = {"plotly.io._renderers": plotly, "altair": altair, "tqdm.notebook": tqdm_notebook}


class Finder:
    """Sets a library up when it has been imported, and not before: most programs import none of them."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        set_up = LIBRARIES.get(name)
        spec = PathFinder.find_spec(name, path, target) if set_up else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                set_up(module)
            except Exception as error:
                warnings.warn(f"{name} is not set up for Bine, and shows what it shows elsewhere: {error!r}", stacklevel=2)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder)
