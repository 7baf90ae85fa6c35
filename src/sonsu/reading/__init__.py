"""From a picture to numbers: numpy, Pillow, OpenCV and onnxruntime."""
