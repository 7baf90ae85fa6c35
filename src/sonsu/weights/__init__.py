"""The shipped networks: each an .onnx file with its card beside it."""
