"""Checked pipelines to ``tf.data``. With distribution, the only place that imports TensorFlow."""

from declspore.engine import before_tensorflow

before_tensorflow()
