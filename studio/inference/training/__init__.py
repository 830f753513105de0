"""Training of models on this machine: contrastive tuning of embedders, LoRA of text models."""
