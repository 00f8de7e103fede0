"""Prints version, C++11 ABI (0 or 1) and folder of the torch of this python, as a CMake list."""

import os

import torch

root = os.path.dirname(torch.__file__)
print(";".join([torch.__version__.split("+")[0], str(int(torch._C._GLIBCXX_USE_CXX11_ABI)), root]))
