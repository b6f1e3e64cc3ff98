"""What both sides of a comparison share: the cases, and the inputs they are fed."""
