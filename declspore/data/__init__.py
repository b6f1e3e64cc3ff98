"""Checked pipelines to ``tf.data``. With distribution, the only place that imports TensorFlow."""
