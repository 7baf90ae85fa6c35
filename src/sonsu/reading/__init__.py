"""From a picture to numbers: numpy, Pillow, OpenCV and onnxruntime."""

import os

# ONNX Runtime 1.32 on Linux writes a device number to the user's cache and has an uploader to its maker; what is read
# here is nobody else's business. The variable counts when onnxruntime is first imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
