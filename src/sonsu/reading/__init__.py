"""From a picture to numbers: numpy, Pillow, OpenCV and onnxruntime."""

import os

# ONNX Runtime's packages from 1.32 on, if not earlier, keep a device's number and report to their maker; what sonsu reads
# is nobody else's business. The variable counts when onnxruntime is first imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
