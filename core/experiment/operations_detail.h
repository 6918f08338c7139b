// SPDX-License-Identifier: Apache-2.0
// One function for each operation, one file each (op_<name>.cpp). Only operations.cpp calls them.
#pragma once

#include "core/experiment/operations.h"
#include "core/experiment/request.h"
#include "core/experiment/results.h"

namespace salient::operations {

using Operation = Result<Json>(const Json& request, OperationContext& context, Job& job);

// The main job
Operation search;
Operation quantize;
Operation run;
Operation allocate;

// Looking at models and measuring them
Operation inspect;
Operation evaluate;
Operation generate;
Operation tokenize;
Operation verify;
Operation bench;
Operation devices;

// Models for other programs
Operation export_model;

// Experiments
Operation experiments;
Operation report;

}  // namespace salient::operations
