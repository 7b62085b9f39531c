# Everything is done by dev.py; this only saves typing.
.PHONY: help setup demo test check sanitize fuzz format bench confidence colour speed kernels decoders images studio clean
help:
	@python3 dev.py help
setup demo test check sanitize fuzz format bench confidence colour speed kernels decoders images studio clean:
	@python3 dev.py $@
