"""What runs in an application: a producer, a consumer, an administrator, and what they know of the cluster."""
