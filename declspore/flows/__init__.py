"""What epochs of pipelines consist of, by number, and items computed in NumPy. No TensorFlow."""
