module example.com/calibration

go 1.26.0
